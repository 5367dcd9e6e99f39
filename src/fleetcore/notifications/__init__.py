"""Notifications: who is told what, when, and by which channel.

A **notification** is what one user is told about one event; it stands in their **inbox**. A **delivery** is its way
through one **channel**, with the **outcome**: the rows of all deliveries are the delivery log. **Preferences** are a
member's: channels by **kind**, quiet hours, a **digest** that collects. A **target** is where a channel sends to.
"""

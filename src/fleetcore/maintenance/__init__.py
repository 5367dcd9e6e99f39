"""Maintenance: what was done to a vehicle, what is planned, and by whom.

A **service record** says what was done on one day: its **category** (routine, repair, upgrade, inspection,
recall), parts and labour or one total, the odometer and engine hours, a warranty. A **job** is work with a
life: scheduled, in progress, completed, cancelled; completing it writes the service record. A **provider** is
the stored contact of a workshop or a mechanic.
"""

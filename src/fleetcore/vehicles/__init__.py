"""Vehicles: what each one is, its state, and its odometer.

A **vehicle** has one or more energy **carriers** and is in one **state**. A **reading** is what a meter
(odometer or engine hours) showed at an instant; readings never change, a wrong one is voided by a row of
its own. A **jump** is a reading that its neighbours in time contradict.
"""

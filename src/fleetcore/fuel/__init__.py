"""Fuel: what was filled in or charged, where, for how much, and how far it went.

A **fill** is one purchase of one **carrier** (petrol, electricity, AdBlue...): a fill-up or a charge. It
is **full** when the tank was filled to the brim, **partial** otherwise, and **missed** when a fill before
it was not recorded. Its **quantity** is a volume, a mass or an energy. A **station** is where it happened.
An **interval** is the stretch between two equal tank levels, full to full or equal **state of charge**;
**consumption** is what was filled in an interval over the distance driven in it; **economy** is all
intervals of one vehicle and carrier with their sums.
"""

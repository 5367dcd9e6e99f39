"""Expenses: what vehicles and the fleet cost besides fuel, once or again and again.

An **expense** is one cost on one calendar day of the fleet; a negative **amount** is money that came back: a
refund or another income. Its **category** is a word: a built-in one such as parking, or one of the fleet's own.
A **recurring** expense is a template with a schedule; each **occurrence** of it becomes one expense, dated on
its due day and counted from the first day, so that month ends never drift.
"""

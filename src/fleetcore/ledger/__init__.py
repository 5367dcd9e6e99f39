"""Ledger: every cost and income of a vehicle as balanced double entry.

An **account** is where value is, goes to or comes from; the **chart** is the list of a fleet's accounts. A
**journal entry** is one event in money, made of **lines** that sum to zero per currency; a positive line is a
debit. A **posting** is what another area asks to be written, named by its **source** and the source's version.
Entries never change: a **reversal** is an entry that mirrors another one, and an entry that has none is **live**.
"""

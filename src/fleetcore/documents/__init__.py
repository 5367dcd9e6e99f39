"""Documents: the papers of a vehicle and of those who drive it, what they cost, and when they end.

A **document** is an insurance policy, a registration, a roadworthiness inspection, a warranty, a lease or a driving
licence. **Renewing** one files its **successor**, which goes on where it ends. Premiums and instalments are
**payments**: each is one journal entry on the day that it falls due.
"""

"""People: fleets, the users who belong to them, and what each may do.

A **fleet** owns data. A **user** is a person, known across fleets. A **member** is a user's place in a
fleet, with **roles**; a role gives **permissions**, each as far as its scope. **Custom roles** are the
fleet's own. A **staff profile** says what a member is hired as, and at which daily rate. The **directory** looks
across fleets: for log-ins and scripts that need an actor, never for operations.
"""

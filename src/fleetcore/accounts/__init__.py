"""Accounts: how users prove who they are, and for how long.

An **account** is what a user signs in with: a password's hash, a verified e-mail. A **session** is one device that
signed in: a family of **refresh tokens**, each of which is good for one use. A **link** is a single-use secret sent by
mail. A **second factor** is a TOTP seed with its **recovery codes**. An **API key** lets a program act as its maker
in one fleet, with some of their permissions. A **stamp** counts changes to what somebody may do, so that every process
hears of them. The **security log** is a person's: who tried to sign in as them, from where.

Nothing here hashes passwords or signs tokens: hosts bring that through ports.
"""

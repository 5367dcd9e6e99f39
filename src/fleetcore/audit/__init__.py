"""Audit: who changed what, when, with the record before and after.

An **image** is a record as it was, without fields marked personal: the log holds ids, not persons.
"""

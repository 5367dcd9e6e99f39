"""Attachments: photos, receipts and papers, hung on any record.

An **attachment** is a file on a **record**: a vehicle, a fill, a service, a document. Who may see the record may
see its attachments. The bytes are kept once per fleet under their content hash, by a **blob store**: a folder,
unless one chooses another.
"""

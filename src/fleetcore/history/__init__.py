"""History: what happened to a vehicle, who changed what, and the service passport that goes with it when it is sold.

The **timeline** merges what every area tells of a vehicle into one list. A **source** is one area's part of it. The
**record history** is what the audit log knows of one record. The **passport** is a page to print.
"""

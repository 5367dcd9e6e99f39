"""Reports: what the fleet burnt and what it cost, computed on every look; no number is stored twice.

An **economy row** is the consumption of one vehicle on one carrier. A **cost** is what was booked to expense
accounts less what came back as refunds; **income** is everything else that came in, and is never taken off a cost.
**Rates** are costs over a divisor: per kilometre, per day. **Depreciation** is what a vehicle lost between its
purchase and its sale. Amounts of several currencies stand side by side; they are never added.
"""

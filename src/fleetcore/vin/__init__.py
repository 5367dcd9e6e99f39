"""Vehicle identification numbers: what they may look like, and what they tell of a vehicle without asking anyone.

A **WMI** is the manufacturer code, positions 1 to 3. A **decoder** answers what a number does not tell by itself; it
is a plugin's, and its **answers** are kept for a while. A **finding** is one thing told, by whom, and how sure it is.
"""

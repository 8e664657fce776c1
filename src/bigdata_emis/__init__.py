"""Near-real-time emission inventory for a city or a region, and decision support for heavy pollution.

Data flow through the folders in this order: collect, clean, relate, inventory, control, publish, report (see flow.py).
"""

__version__ = "0.1.0"

"""The areas, one line each: the folder in `areas/`, and the public classes of its `case.py`.

Nothing is imported here, so that importing the library stays cheap.
"""

CASE_CLASSES = {
    "allocation": ("CaseAllocation",),
    "appointments": ("Appointments",),
    "capacity": ("Workload",),
    "curfew_variation": ("CurfewPeriod", "CurfewSteps", "CurfewVariation", "Step"),
    "delivery": ("RegionQuarter",),
    "framework": ("ActivityDecision",),
    "pod": ("Pod", "PodMember"),
    "unpaid_work": ("UnpaidWorkOrder",),
}

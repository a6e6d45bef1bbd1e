"""AWS's wire protocols, driven by AWS's own service models.

Hand-written XML and JSON drift from what the strict SDKs accept (lower-case booleans, ISO dates in XML,
epoch numbers in JSON, list member names). The models that botocore ships say all of it, so requests are
parsed and replies rendered from them and handlers deal in plain Python values only.
"""

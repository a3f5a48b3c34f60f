"""Order sources, one folder a vendor."""

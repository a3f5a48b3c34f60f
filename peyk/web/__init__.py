"""The edge: what customers' programs reach over HTTP."""

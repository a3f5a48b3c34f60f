"""The demo shop: its tables, its stories, its faults and its customers' telephone."""

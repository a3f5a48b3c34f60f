"""The demo shop's orders, parcels, payments and text messages behind the vendors' servers (`peyk demo --vendor`)."""

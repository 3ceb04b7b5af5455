"""A shop on two embedded servers, to see the whole road without a database of one's own."""

"""The front doors: what people, reports and client systems see. They show and ask, never act."""

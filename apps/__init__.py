"""The front doors: what people, reports and client systems see. Apps show and ask; they never act."""

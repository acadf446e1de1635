"""The only package that composes and acts: assets, resources, schedules, worker, CLI."""

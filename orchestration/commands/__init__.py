"""The verbs of ``ifp``, one module each; heavy imports happen when a verb runs."""

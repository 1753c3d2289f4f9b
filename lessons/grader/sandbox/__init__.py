"""What runs inside the disposable child, beside the learner's code.

Nothing here knows an expected value, a hint or a score. The folder imports only itself,
NumPy and the standard library, because the child starts it before it closes the doors.
"""

"""What the `openai` client raises for each way in which the upstream fails, at whichever endpoint."""

import openai

RAISED = [
    ("400-context", openai.BadRequestError),
    ("401", openai.AuthenticationError),
    ("403", openai.PermissionDeniedError),
    ("404", openai.NotFoundError),
    ("429-day", openai.RateLimitError),
    ("429-provider", openai.RateLimitError),
    ("500", openai.InternalServerError),
    ("html-502", openai.InternalServerError),
    ("error-in-200", openai.InternalServerError),
]

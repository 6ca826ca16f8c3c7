"""Learn › Assignments: what a lecturer asks for, what of it is done, and how to hand one out."""

from pages.parts.assignment.page import assignments_page

assignments_page()

"""Appointments: places and their times, the desk that books them, reminders, hand-offs, calendars."""

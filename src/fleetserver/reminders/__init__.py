"""The commands of reminders."""

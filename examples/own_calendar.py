"""Working time in a calendar of one's own: lunch, a half day, a technician's hours, a pause, a column of times.

Run it with `python examples/own_calendar.py`.
"""

import numpy as np

from carepolicy import Calendar, Window, working, working_days

office = (
    Calendar.weekly("Mon-Fri 08:00-12:00, 13:00-17:00; Sat 09:00-12:00", zone="Europe/Berlin", holidays=["2026-04-03"])
    .open_on("2026-04-02", "08:00-12:00")
    .closed_on("2026-04-04")
)
technician = Calendar.weekly("Tue-Thu 07:00-15:00", zone="Europe/Berlin")

asked = "2026-04-02T10:30+02:00"
print("four working hours on:", office.add(asked, working(hours=4)))
print("two working days on:", office.add(asked, working_days(2)))
print("somebody can come from:", (office & technician).next_open("2026-04-02T12:00+02:00"))

waiting = Window("2026-04-02T11:00+02:00", "2026-04-07T10:00+02:00")
print("while we wait for a part:", office.add(asked, working(hours=4), pauses=[waiting]))

column = np.array(["2026-04-02T08:30", "2026-04-07T15:30"], dtype="datetime64[us]")
print("a column, in UTC:", *office.add(column, working(hours=1)).astype("datetime64[m]"))

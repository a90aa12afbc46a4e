"""PODs: how a team of probation officers, services officers and case administrators is composed."""

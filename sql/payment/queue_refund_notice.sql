-- payment/queue_refund_notice: queues the message that tells the practice of its refund.
-- params: practice (uuid), subject (text), body (text), now (timestamptz)
-- writes: notifications
-- expects: 1
insert into public.notifications (practice_id, type, channel, subject, body, status, created_at)
values (%(practice)s::uuid, 'refund', 'email', %(subject)s::text, %(body)s::text, 'queued',
        %(now)s::timestamptz)
returning id

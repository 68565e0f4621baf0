//! SNS and SQS: delays, redrive, expiry, FIFO; conservation of messages.

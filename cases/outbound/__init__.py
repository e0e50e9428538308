"""What other systems are told: webhooks and the upper platform, from a durable outbox."""

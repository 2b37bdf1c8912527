"""Cases: those that did not reach Salesforce, or reached it twice."""

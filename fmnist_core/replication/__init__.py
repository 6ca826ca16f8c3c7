"""The five course reports: experiments, claims, evidence, trained models."""

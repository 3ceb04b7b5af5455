"""From catalog and policy to a plan: pure data, explainable, without effects."""

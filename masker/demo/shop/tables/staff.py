"""Departments, their heads and everybody else, and what they earn."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from masker.demo.shop.chance import days, pattern, where
from masker.demo.shop.numbers import ibans
from masker.demo.shop.people import people
from masker.demo.shop.rows import Recipe, Tables

DEPARTMENTS = ("Management", "Sales", "Support", "Logistics", "Finance", "IT", "Personnel")
MAIL_DOMAIN = "@kaufhaus-lindenhof.de"
YEARS = (2023, 2024, 2025)


def make(recipe: Recipe) -> Tables:
    """Make departments and employees, who refer to one another, and salaries."""
    heads = pl.Series(range(1, len(DEPARTMENTS) + 1))
    return {
        "hr.departments": pl.DataFrame(
            {"id": heads, "name": pl.Series(DEPARTMENTS), "head_id": heads}
        ),
        "hr.employees": _employees(recipe),
        "hr.salaries": _salaries(recipe),
    }


def _employees(recipe: Recipe) -> pl.DataFrame:
    """Make employees; the first of them head the departments, and number one heads those."""
    rng, rows = recipe.chance("employees"), recipe.rows("employees")
    person = people(recipe.seed, "employees: people", rows, pools=recipe.pools)
    number = np.arange(1, rows + 1)
    heads = number <= len(DEPARTMENTS)
    department = np.where(heads, number, rng.integers(1, len(DEPARTMENTS) + 1, rows))
    manager = where(heads, 1, pl.Series(department))
    local = person["email"].str.replace(r"@.*", "")
    taken = (~local.is_first_distinct()).to_numpy()
    local = where(taken, local + pl.Series(number).cast(pl.String), local)
    national = person["national_id"]
    return pl.DataFrame(
        {
            "id": pl.Series(number),
            "first_name": person["first_name"],
            "last_name": person["last_name"],
            "email": local + MAIL_DOMAIN,
            "phone": person["phone"],
            "birth_date": person["date_of_birth"],
            "hired_on": days(rng, rows, date(2023, 1, 1), date(2025, 12, 1)),
            "national_id": where(national.is_first_distinct().to_numpy(), national, None),
            "iban": ibans(rng, person["country"].to_numpy().astype("U2")),
            "department_id": pl.Series(department),
            "manager_id": where(number == 1, None, manager),
        }
    )


def _salaries(recipe: Recipe) -> pl.DataFrame:
    rng, employees = recipe.chance("salaries"), recipe.rows("employees")
    rows = employees * len(YEARS)
    year = pl.Series(np.tile(YEARS, employees))
    span = "[" + year.cast(pl.String) + "-01-01," + (year + 1).cast(pl.String) + "-01-01)"
    return pl.DataFrame(
        {
            "employee_id": pl.Series(np.repeat(np.arange(1, employees + 1), len(YEARS))),
            "valid": span,
            "monthly": pattern(rng, rows, "%###.##########"),
        }
    )

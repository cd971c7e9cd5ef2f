"""The application described as OpenAPI, for tools: read from its routes and forms. The product itself serves none."""

from typing import Any

from fastapi import FastAPI

from app.forms import Form
from tests.matrix import Address, Ana, addresses, filled

MODELS = "#/components/schemas/{model}"
# Whom a door opens to, of the cast.
AT_HOME = {
    "_mine": "ana", "_newcomer": "ana", "_self": "ana", "_coached": "cora", "_caseload": "cora", "_glance": "cora",
    "_supporting": "sam", "_manager": "pat", "_office": "pat", "_placing": "pat", "_room": "pat",
}  # fmt: skip


def described(app: FastAPI, ana: Ana) -> dict[str, Any]:
    """Every route of ours (OpenAPI 3.1): what its path names, what it is asked, and the form that it takes."""
    paths: dict[str, Any] = {}
    models: dict[str, Any] = {}
    for address in addresses(app):
        paths.setdefault(address.path, {})[address.method.lower()] = _operation(address, ana, models)
    about = {"title": "Footbridge", "version": "1"}
    return {"openapi": "3.1.0", "info": about, "paths": paths, "components": {"schemas": models}}


def who(address: Address) -> str:
    """Who is at home there; "" for nobody."""
    return AT_HOME.get(address.door, "")


def _operation(address: Address, ana: Ana, models: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": str(address),
        "parameters": [_named(name, ana) for name in address.names]
        + [{"name": name, "in": "query", "schema": {"type": "string"}} for name in address.asked],
        "responses": {"default": {"description": "a page, or where to go"}},
    }
    if address.form:
        media = {"application/x-www-form-urlencoded": {"schema": _form(address.form, models)}}
        operation["requestBody"] = {"content": media}
    return operation


def _named(name: str, ana: Ana) -> dict[str, Any]:
    """What is there, as often as anything that could be meant."""
    there = {"type": "string", "enum": [str(one) for one in ana.values(name)]}
    return {
        "name": name, "in": "path", "required": True,
        "schema": {"anyOf": [there, there, {"type": "string", "minLength": 1, "maxLength": 300}]},
    }  # fmt: skip


def _form(form: type[Form], models: dict[str, Any]) -> dict[str, Any]:
    """A form as its model says; for each field also what it takes, so that more than the first check is reached."""
    schema = form.model_json_schema(ref_template=MODELS)
    models |= schema.pop("$defs", {})
    takes = filled(form)
    for name, said in schema.get("properties", {}).items():
        if name in takes and name != "id":
            schema["properties"][name] = {"anyOf": [{"const": takes[name]}, {"const": takes[name]}, said]}
    return schema

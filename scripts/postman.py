"""Write the Postman collection of the OpenAPI document: `make openapi`."""

import json
from pathlib import Path
from typing import Any

import yaml

DOCS = Path(__file__).resolve().parent.parent / "docs"
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
# Their answers have tokens, which the collection keeps for the other requests.
GIVE_TOKENS = ("auth.signIn", "auth.signUp", "auth.refresh")
KEEP_TOKENS = """\
const tokens = pm.response.json();
if (tokens.access) {
  pm.collectionVariables.set("access", tokens.access);
  pm.collectionVariables.set("refresh", tokens.refresh);
}"""
VARIABLES = {
    "baseUrl": "http://127.0.0.1:8000",
    "email": "ann@example.com",
    "password": "violet-harbour-41",
    "access": "",
    "refresh": "",
    "id": "",
}


def main() -> None:
    document = yaml.safe_load((DOCS / "openapi.yaml").read_text())
    (DOCS / "postman_collection.json").write_text(render(document))


def render(document: dict[str, Any]) -> str:
    """Return the collection as a file in Postman's format 2.1."""
    folders: dict[str, dict[str, Any]] = {
        tag["name"]: {**tag, "item": []} for tag in document["tags"]
    }
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            item = _item(document, path, method, operation)
            folders[operation["tags"][0]]["item"].append(item)
    info = document["info"]
    collection = {
        "info": {
            "name": info["title"],
            "description": info["description"],
            "version": info["version"],
            "schema": SCHEMA,
        },
        "auth": _bearer("{{access}}"),
        "variable": [{"key": key, "value": VARIABLES[key]} for key in VARIABLES],
        "item": list(folders.values()),
    }
    return json.dumps(collection, indent=1, ensure_ascii=False) + "\n"


def _item(
    document: dict[str, Any], path: str, method: str, operation: dict[str, Any]
) -> dict[str, Any]:
    request = {
        "method": method.upper(),
        "description": operation["description"],
        "url": _url(path, operation.get("parameters", [])),
        "header": _headers(operation.get("parameters", [])),
    }
    if not operation["security"]:
        request["auth"] = {"type": "noauth"}
    if content := operation.get("requestBody", {}).get("content"):
        kind, media = next(iter(content.items()))
        request["body"] = _body(kind, _example(document, media))
    item = {"name": operation["summary"], "request": request}
    if operation["operationId"] in GIVE_TOKENS:
        script = {"type": "text/javascript", "exec": KEEP_TOKENS.split("\n")}
        item["event"] = [{"listen": "test", "script": script}]
    return item


def _bearer(token: str) -> dict[str, Any]:
    value = {"key": "token", "value": token, "type": "string"}
    return {"type": "bearer", "bearer": [value]}


def _url(path: str, parameters: list[dict[str, Any]]) -> dict[str, Any]:
    parts = path.replace("{", "{{").replace("}", "}}").lstrip("/").split("/")
    return {
        "raw": "{{baseUrl}}/" + "/".join(parts),
        "host": ["{{baseUrl}}"],
        "path": parts,
        "query": _optional(parameters, "query"),
    }


def _headers(parameters: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"key": "Accept", "value": "application/json"},
        *_optional(parameters, "header"),
    ]


def _optional(parameters: list[dict[str, Any]], place: str) -> list[dict[str, Any]]:
    """Return the parameters of this place, switched off."""
    return [
        {
            "key": parameter["name"],
            "value": "",
            "description": parameter.get("description", ""),
            "disabled": True,
        }
        for parameter in parameters
        if parameter["in"] == place
    ]


def _example(document: dict[str, Any], media: dict[str, Any]) -> dict[str, Any]:
    (name,) = media["examples"]
    value: dict[str, Any] = document["components"]["examples"][name]["value"]
    # People fill these in once, as variables of the collection.
    known = {"email", "password", "refresh"} & set(value)
    if "username" in value:
        value = {**value, "username": "{{email}}"}
    return {**value, **{key: f"{{{{{key}}}}}" for key in known}}


def _body(kind: str, value: dict[str, Any]) -> dict[str, Any]:
    if kind == "application/json":
        raw = json.dumps(value, indent=2, ensure_ascii=False)
        return {
            "mode": "raw",
            "raw": raw,
            "options": {"raw": {"language": "json"}},
        }
    mode = "formdata" if kind == "multipart/form-data" else "urlencoded"
    fields = [
        {"key": key, "type": "file", "src": None}
        if key == "file"
        else {"key": key, "value": str(text), "type": "text"}
        for key, text in value.items()
    ]
    return {"mode": mode, mode: fields}


if __name__ == "__main__":
    main()

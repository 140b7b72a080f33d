package scim

type object = map[string]any

// providerConfig says what the face can do (RFC 7643 §5).
var providerConfig = object{
	"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"},
	"patch":   object{"supported": true}, "bulk": object{"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
	"filter": object{"supported": true, "maxResults": most}, "changePassword": object{"supported": false}, "sort": object{"supported": false}, "etag": object{"supported": false},
	"authenticationSchemes": []object{{"type": "oauthbearertoken", "name": "API token", "description": "An API token of a security administrator with the scopes appoint and readRoster", "primary": true}},
	"meta":                  object{"resourceType": "ServiceProviderConfig", "location": Prefix + "/ServiceProviderConfig"},
}

var resourceType = object{
	"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:ResourceType"}, "id": "User", "name": "User", "endpoint": "/Users", "schema": userURN,
	"schemaExtensions": []object{{"schema": enterpriseURN, "required": false}},
	"meta":             object{"resourceType": "ResourceType", "location": Prefix + "/ResourceTypes/User"},
}

func attribute(name, kind, mutability, uniqueness string, required, exact bool) object {
	return object{"name": name, "type": kind, "multiValued": false, "required": required, "caseExact": exact, "mutability": mutability, "returned": "default", "uniqueness": uniqueness}
}

func schema(urn, name string, attributes ...object) object {
	return object{"schemas": []string{"urn:ietf:params:scim:schemas:core:2.0:Schema"}, "id": urn, "name": name, "attributes": attributes,
		"meta": object{"resourceType": "Schema", "location": Prefix + "/Schemas/" + urn}}
}

var (
	userSchema = schema(userURN, "User",
		attribute("userName", "string", "immutable", "server", true, false),
		attribute("displayName", "string", "readWrite", "none", true, true),
		object{"name": "name", "type": "complex", "multiValued": false, "required": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none",
			"subAttributes": []object{attribute("formatted", "string", "readWrite", "none", false, true), attribute("familyName", "string", "writeOnly", "none", false, true),
				attribute("givenName", "string", "writeOnly", "none", false, true)}},
		object{"name": "emails", "type": "complex", "multiValued": true, "required": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none",
			"subAttributes": []object{attribute("value", "string", "readWrite", "none", false, true), attribute("type", "string", "readWrite", "none", false, false),
				attribute("primary", "boolean", "readWrite", "none", false, false)}},
		attribute("title", "string", "readWrite", "none", false, false),
		attribute("active", "boolean", "readWrite", "none", false, false))
	enterpriseSchema = schema(enterpriseURN, "EnterpriseUser", attribute("department", "string", "readWrite", "none", false, true))
)

func listed(all ...object) object {
	return object{"schemas": []string{listURN}, "totalResults": len(all), "startIndex": 1, "itemsPerPage": len(all), "Resources": all}
}

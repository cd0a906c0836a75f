import CairnCore
import Testing

struct JSONWriterTests {
    @Test func `members stand in the order given`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("z", "a\u{1}\"b")
        writer.member("none", nil as String?)
        writer.member("count", 7)
        writer.member("isTrue", true)
        writer.member("at", Timestamp.unixEpoch)
        writer.key("list")
        writer.beginArray()
        writer.number(1.5)
        writer.number(.nan)
        writer.integer(UInt64.max)
        writer.endArray()
        writer.key("metadata")
        writer.verbatim(#"{ "x": 1.0 }"#.utf8)
        writer.key("empty")
        writer.beginObject()
        writer.endObject()
        writer.endObject()
        let expected =
            #"{"z":"a\u0001\"b","none":null,"count":7,"isTrue":true,"#
            + #""at":"1970-01-01T00:00:00.000000Z","list":[1.5,null,18446744073709551615],"#
            + #""metadata":{ "x": 1.0 },"empty":{}}"#
        #expect(writer.text == expected)
    }

    @Test(
        arguments: [
            ("a.b", "7"), ("a.list.1", "2"), ("a.list[0]", "1"), (#"["x.y"].z"#, "true"),
            ("a.list[2]", nil), ("a.b.c", nil), ("none", nil), ("list.-1", nil),
        ] as [(String, String?)]
    )
    func `a path leads to its value`(path: String, expected: String?) throws {
        let text = #"{"a":{"b":7,"list":[1,2]},"x.y":{"z":true},"list":[1]}"#
        let value = try JSONValue.parse(Array(text.utf8))
        let found = value[try #require(JSONPath(path))]
        #expect(found?.description == expected)
    }

    @Test(arguments: ["", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[1", "a[\"x", "a[0]b"])
    func `a path that does not hold together is refused`(text: String) {
        #expect(JSONPath(text) == nil)
    }

    @Test(arguments: ["a.b", "a.0", #"["x.y"].z"#, #"[""]"#])
    func `a path is printed as it is read`(text: String) throws {
        #expect(try #require(JSONPath(text)).description == text)
    }
}

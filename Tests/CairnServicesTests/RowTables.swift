@testable import CairnServices

/// What a reader finds in a file: rows, bad rows, and what made it stop.
struct Reading {
    var rows: [ImportRow] = []
    var bad: [ImportError] = []
    var stop: ImportError?

    init(_ make: () throws(ImportError) -> some ImportReader) {
        do throws(ImportError) {
            var reader = try make()
            while let item = try reader.next() {
                switch item {
                case .row(let row): rows.append(row)
                case .bad(let error): bad.append(error)
                }
            }
        } catch {
            stop = error
        }
    }

    static func csv(_ path: String, tenant: String? = nil) -> Reading {
        Reading { () throws(ImportError) in try CSVReader(path: path, tenant: tenant) }
    }

    static func jsonLines(_ path: String, tenant: String? = nil) -> Reading {
        Reading { () throws(ImportError) in try JSONLinesReader(path: path, tenant: tenant) }
    }

    static func xes(_ path: String, prefix: String = "log", tenant: String = "acme") -> Reading {
        Reading { () throws(ImportError) in
            try XESReader(path: path, prefix: prefix, tenant: tenant)
        }
    }
}

/// The least that a row of each table format needs.
enum Sample {
    static let header = "tenant,pagw_id,stage,event_type,created_at"
    static let row = "anthem,R1,PARSING,PARSE_OK,2025-12-25 10:00:00+00"

    static func json(_ more: String = "", request: String = "R1") -> String {
        #"{"tenant":"anthem","pagw_id":"\#(request)","stage":"PARSING","#
            + #""event_type":"PARSE_OK","created_at":"2025-12-25T10:00:00Z"\#(more)}"#
    }

    static func log(_ body: String) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <log xes.version="1.0" xmlns="http://www.xes-standard.org/">
        <global scope="event"><string key="concept:name" value="__INVALID__"/></global>
        <string key="source" value="a test"><string key="nested" value="x"/></string>
        \(body)
        </log>
        """
    }

    static func event(_ name: String, at time: String = "2025-12-25T10:00:00Z") -> String {
        """
        <event><string key="concept:name" value="\(name)"/>
        <date key="time:timestamp" value="\(time)"/></event>
        """
    }

    static func trace(_ name: String, _ events: String) -> String {
        "<trace><string key=\"concept:name\" value=\"\(name)\"/>\(events)</trace>\n"
    }
}

internal import CairnCore
internal import CairnJournal

extension Table {
    /// The name to report the table by.
    var label: String { name ?? "main" }

    /// The names of all tables that a journal has beside the main one.
    static let labels = allCases.compactMap(\.name)
}

/// What the main tree of one committed transaction says: the head record and the tables.
struct SnapshotContents {
    private(set) var head: HeadRecord?
    /// Why there is no head, if there is none.
    private(set) var headFlaw: InspectionError = .head(reason: "is missing")
    private(set) var tables: [String: TreeRecord] = [:]
    private(set) var faults: [PageFault] = []

    /// Reads the main tree and goes on over damaged pages.
    init(main: TreeRecord, walk: TreeWalk) {
        var buffer: [UInt8] = []
        var found = SnapshotContents()
        walk.run(main) {
            found.faults.append($0)
        } visit: { node in
            do throws(PageFault) {
                let page = node.page.number
                try node.read(with: walk.reader, into: &buffer, atMost: 4_096) { key, value in
                    if node.page.isTable(node.index) {
                        let tree = TreeRecord(value.array(), at: 0)
                        let name = key.text()
                        found.add(tree, named: name, page: page, walk)
                    } else if key.array() == HeadRecord.key {
                        found.readHead(value)
                    }
                }
            } catch {
                found.faults.append(error)
            }
            return .proceed
        }
        self = found
    }

    private init() {}

    private mutating func add(
        _ tree: TreeRecord,
        named name: String,
        page: UInt64,
        _ walk: TreeWalk
    ) {
        var flaw = tree.flaw(lastPage: walk.lastPage)
        if tree.flags != 0 || tree.pad != 0 { flaw = "its flags are not those of a journal" }
        if let flaw {
            faults.append(walk.reader.fault(page, "table \(name): \(flaw)"))
        } else {
            tables[name] = tree
        }
    }

    private mutating func readHead(_ bytes: RawSpan) {
        do throws(HeadRecord.DecodingError) {
            head = try HeadRecord(bytes)
        } catch {
            headFlaw =
                switch error {
                case .newerFormat(let found): .newerFormat(found: found)
                case .checksum: .head(reason: "does not match its checksum")
                case .malformed: .head(reason: "is malformed")
                }
        }
    }

    /// Nothing was written yet: the tables were made, the first head record was not.
    var isUnborn: Bool {
        head == nil && headFlaw == .head(reason: "is missing")
            && tables.values.allSatisfy(\.isEmpty)
    }

    /// The head record, if it is the one of a transaction and its numbers fit together.
    func checkedHead(transactionID: UInt64) throws(InspectionError) -> HeadRecord {
        guard let head else { throw headFlaw }
        guard head.transactionID == transactionID else {
            throw .head(
                reason: "was written by transaction \(head.transactionID), but the meta page "
                    + "names \(transactionID)"
            )
        }
        let (last, first) = (head.lastPosition, head.firstRetainedPosition)
        guard head.indexedPosition <= last, first >= .first, first <= last.next else {
            throw .head(reason: "has positions that do not fit together")
        }
        return head
    }
}

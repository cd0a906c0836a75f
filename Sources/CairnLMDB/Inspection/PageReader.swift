internal import CairnCore

/// Integers out of an array, for bytes whose count was checked before.
extension [UInt8] {
    /// Reads an integer stored with its least significant byte first.
    ///
    /// - Precondition: The integer lies inside the array.
    @inline(__always)
    func load<Integer: FixedWidthInteger & BitwiseCopyable>(
        _ type: Integer.Type = Integer.self,
        at offset: Int
    ) -> Integer {
        // Bytes have no padding, and the span checks the bounds.
        unsafe span.bytes.littleEndian(at: offset, as: type)
    }
}

/// Numbers of LMDB 0.9's file format on 64-bit machines.
enum PageFormat {
    static let headerByteCount = 16
    static let nodeHeaderByteCount = 8
    static let keyByteCountMax = 511
    /// What stands for "no page" as a root.
    static let invalidPage = UInt64.max
    /// LMDB's own limit for the depth of a tree.
    static let depthMax = 32

    static let branchFlag: UInt16 = 0x01
    static let leafFlag: UInt16 = 0x02
    static let overflowFlag: UInt16 = 0x04
    static let metaFlag: UInt16 = 0x08

    static let bigDataFlag: UInt16 = 0x01
    static let subDataFlag: UInt16 = 0x02
}

/// Reads whole pages of a data file, and only those that lie inside it.
struct PageReader: Sendable {
    let file: LMDBFile
    let pageByteCount: Int
    /// How many whole pages the file has.
    let pageCount: UInt64

    init(file: LMDBFile, pageByteCount: Int) throws(InspectionError) {
        self.file = file
        self.pageByteCount = pageByteCount
        pageCount = try file.byteCount() / UInt64(pageByteCount)
    }

    /// How a fault of a page is put into words.
    func fault(_ page: UInt64, _ reason: String) -> PageFault {
        PageFault(page: page, pageByteCount: pageByteCount, reason: reason)
    }

    /// Reads bytes from the start of a page on; they may go on over the pages after it.
    func read(
        _ byteCount: Int,
        fromPage page: UInt64,
        skipping skipped: Int = 0,
        into buffer: inout [UInt8]
    ) throws(PageFault) {
        guard page < pageCount else { throw fault(page, "it lies beyond the end of the file") }
        // Both products fit: the page lies inside the file, whose length is below 2^63.
        let offset = page &* UInt64(pageByteCount) &+ UInt64(skipped)
        do {
            let found = try file.read(byteCount, at: offset, into: &buffer)
            guard found == byteCount else { throw fault(page, "the file ends inside it") }
        } catch let error as InspectionError {
            throw fault(page, "it cannot be read: \(error)")
        } catch let error as PageFault {
            throw error
        } catch {
            throw fault(page, "it cannot be read")
        }
    }

    /// Reads one page.
    func page(_ number: UInt64) throws(PageFault) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: pageByteCount)
        try read(pageByteCount, fromPage: number, into: &bytes)
        return bytes
    }

    /// How many pages a value of some length needs when it is not kept in a leaf.
    func overflowPageCount(for byteCount: Int) -> UInt64 {
        UInt64((PageFormat.headerByteCount - 1 + byteCount) / pageByteCount) + 1
    }

    /// Checks the header of the pages that hold a long value.
    ///
    /// - Returns: How many pages belong to it; at least as many as the value needs.
    func checkedOverflowPageCount(
        _ page: UInt64,
        valueByteCount: Int,
        lastPage: UInt64
    ) throws(PageFault) -> UInt64 {
        guard page >= 2, page <= lastPage else {
            throw fault(page, "a value leads to it, but it is no data page")
        }
        var header: [UInt8] = []
        try read(PageFormat.headerByteCount, fromPage: page, into: &header)
        guard header.load(UInt64.self, at: 0) == page else {
            throw fault(page, "it says it is page \(header.load(UInt64.self, at: 0))")
        }
        guard header.load(UInt16.self, at: 10) == PageFormat.overflowFlag else {
            throw fault(page, "it is not the first page of a long value")
        }
        let count = UInt64(header.load(UInt32.self, at: 12))
        guard count >= overflowPageCount(for: valueByteCount), count - 1 <= lastPage - page else {
            throw fault(page, "its \(count) pages do not fit a value of \(valueByteCount) bytes")
        }
        return count
    }
}

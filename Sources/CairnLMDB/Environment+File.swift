internal import CLMDB
internal import CairnJournal
internal import Glibc

// The data file under an environment.
extension Environment {
    /// The size of the open data file, also where it has no name any more; nil where the system
    /// does not say.
    var fileByteCount: Int? {
        var status = stat()
        guard unsafe fstat(fileDescriptor, &status) == 0 else { return nil }
        return status.st_size
    }

    /// Whether somebody has removed the file: what is written to it then is nowhere.
    var isRemoved: Bool {
        (try? withFile { file throws(JournalError) in cairn_name_count(file) }) == 0
    }

    static func roundedMap(fileByteCount: Int) -> Int {
        let unit = 1 << 20
        return (fileByteCount * 2 + unit - 1) / unit * unit
    }

    /// The size of the data file in a folder, in bytes; 0 where there is none.
    static func fileByteCount(_ path: String) -> Int {
        var status = stat()
        guard unsafe stat(path + "/data.mdb", &status) == 0 else { return 0 }
        return status.st_size
    }
}

/// What LMDB says of a whole file.
struct EnvironmentInformation {
    let lastPage: Int
    let lastTransactionID: UInt64
    let mapByteCount: Int
    let readerSlotCount: Int
    let pageByteCount: Int
}

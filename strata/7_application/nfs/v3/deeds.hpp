// What each procedure does (RFC 1813 3.3), when its arguments' handles have been found. A status
// that is no success says why; attributes are told all the same.
#pragma once

#include "strata/7_application/nfs/v3/data.hpp"
#include "strata/7_application/nfs/v3/folders.hpp"
#include "strata/7_application/nfs/v3/names.hpp"
#include "strata/7_application/nfs/v3/work.hpp"

namespace strata::application::nfs::v3::deeds {

// looking.cpp
void getattr(Work& work, const OfOne& arguments, GetattrResults& results);
void lookup(Work& work, const PlaceArguments& arguments, LookupResults& results);
void access(Work& work, const AccessArguments& arguments, AccessResults& results);
void readlink(Work& work, const OfOne& arguments, ReadlinkResults& results);
// data.cpp
void read(Work& work, const ReadArguments& arguments, ReadResults& results);
void write(Work& work, const WriteArguments& arguments, WriteResults& results);
void commit(Work& work, const CommitArguments& arguments, CommitResults& results);
// making.cpp
void create(Work& work, const CreateArguments& arguments, CreateResults& results);
void mkdir(Work& work, const MkdirArguments& arguments, CreateResults& results);
void symlink(Work& work, const SymlinkArguments& arguments, CreateResults& results);
void mknod(Work& work, const MknodArguments& arguments, CreateResults& results);
void link(Work& work, const LinkArguments& arguments, LinkResults& results);
// changing.cpp
void setattr(Work& work, const SetattrArguments& arguments, Changed& results);
void remove(Work& work, const PlaceArguments& arguments, Changed& results);
void rmdir(Work& work, const PlaceArguments& arguments, Changed& results);
void rename(Work& work, const RenameArguments& arguments, RenameResults& results);
// folders.cpp
void readdir(Work& work, const ReaddirArguments& arguments, ReaddirResults& results);
void readdirplus(Work& work, const ReaddirplusArguments& arguments, ReaddirplusResults& results);
// whole.cpp: the file system
void fsstat(Work& work, const OfOne& arguments, FsstatResults& results);
void fsinfo(Work& work, const OfOne& arguments, FsinfoResults& results);
void pathconf(Work& work, const OfOne& arguments, PathconfResults& results);

}  // namespace strata::application::nfs::v3::deeds

// What each operation does (RFC 7530 16), at one go: what must be waited for was before, or is
// behind it. PUTFH and READDIR have found what they are about; the status says how it ended.
#pragma once

#include "strata/7_application/nfs/v4/message/data.hpp"
#include "strata/7_application/nfs/v4/message/locks.hpp"
#include "strata/7_application/nfs/v4/message/names.hpp"
#include "strata/7_application/nfs/v4/message/opens.hpp"
#include "strata/7_application/nfs/v4/ops/work.hpp"

namespace strata::application::nfs::v4::ops {

// handles.cpp
void putrootfh(Work& work, const None& arguments, Ended& results);
void putfh(Work& work, const PutfhArguments& arguments, Ended& results);
void getfh(Work& work, const None& arguments, GetfhResults& results);
void savefh(Work& work, const None& arguments, Ended& results);
void restorefh(Work& work, const None& arguments, Ended& results);
void lookup(Work& work, const NameArguments& arguments, Ended& results);
void lookupp(Work& work, const None& arguments, Ended& results);
void secinfo(Work& work, const NameArguments& arguments, SecinfoResults& results);
void openattr(Work& work, const OpenattrArguments& arguments, Ended& results);
// looking.cpp
void access(Work& work, const AccessArguments& arguments, AccessResults& results);
void getattr(Work& work, const GetattrArguments& arguments, GetattrResults& results);
void verify(Work& work, const VerifyArguments& arguments, Ended& results);
void nverify(Work& work, const VerifyArguments& arguments, Ended& results);
void readlink(Work& work, const None& arguments, ReadlinkResults& results);
// Whether its cookie is one of this key's, as far as its verifier says so. libnfs says none: a zero
// is let through, for a cookie is good as long as the key is, and of another key it leads to a
// place in the list all the same.
[[nodiscard]] bool knows_cookies(const Work& work, const ReaddirArguments& arguments) noexcept;
void readdir(Work& work, const ReaddirArguments& arguments, ReaddirResults& results);
// data.cpp
void read(Work& work, const ReadArguments& arguments, ReadResults& results);
void write(Work& work, const WriteArguments& arguments, WriteResults& results);
void commit(Work& work, const CommitArguments& arguments, CommitResults& results);
void setattr(Work& work, const SetattrArguments& arguments, SetattrResults& results);
// naming.cpp
void create(Work& work, const CreateArguments& arguments, CreateResults& results);
void link(Work& work, const NameArguments& arguments, ChangedResults& results);
void remove(Work& work, const NameArguments& arguments, ChangedResults& results);
void rename(Work& work, const RenameArguments& arguments, RenameResults& results);
// opening.cpp, closing.cpp
void open(Work& work, const OpenArguments& arguments, OpenResults& results);
void open_confirm(Work& work, const OpenConfirmArguments& arguments, StateResults& results);
void open_downgrade(Work& work, const OpenDowngradeArguments& arguments, StateResults& results);
void close(Work& work, const CloseArguments& arguments, StateResults& results);
// locking.cpp
void lock(Work& work, const LockArguments& arguments, LockResults& results);
void lockt(Work& work, const LocktArguments& arguments, LocktResults& results);
void locku(Work& work, const LockuArguments& arguments, StateResults& results);
void release_lockowner(Work& work, const ReleaseLockownerArguments& arguments, Ended& results);
// clients.cpp
void setclientid(Work& work, const SetclientidArguments& arguments, SetclientidResults& results);
void setclientid_confirm(Work& work, const SetclientidConfirmArguments& arguments, Ended& results);
void renew(Work& work, const ClientArguments& arguments, Ended& results);
void delegpurge(Work& work, const ClientArguments& arguments, Ended& results);
void delegreturn(Work& work, const StateArguments& arguments, Ended& results);

}  // namespace strata::application::nfs::v4::ops

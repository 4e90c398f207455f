// The precompiled header needs one source to belong to; see pch_asio.hpp.

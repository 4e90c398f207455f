// Precompiled for the tests of floors that speak Asio; see pch_asio.hpp.
#pragma once

#include <gtest/gtest.h>

#include "cmake/pch_asio.hpp"

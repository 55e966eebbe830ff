// RUN: tt-opt %s -p ttir-fuse | filecheck %s

// RMS norm and layer norm.

func.func @rms_norm(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %q = "ttir.multiply"(%x, %x) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = "ttir.mean"(%q) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %c = "ttir.full"() <{fill_value = 1.0e-05 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %v = "ttir.add"(%m, %c) : (tensor<4x1xf32>, tensor<1xf32>) -> tensor<4x1xf32>
  %r = "ttir.rsqrt"(%v) : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %a = "ttir.multiply"(%x, %r) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @rms_norm(
// CHECK-NEXT:    %a = "ttir.rms_norm"(%x) <{epsilon = 1.000000e-05 : f32, normalized_shape = array<i64: 8>, operandSegmentSizes = array<i32: 1, 0, 0>}>
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

// The mean as a scaled sum, the square as a power.
func.func @rms_norm_of_quotient(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %t = "ttir.full"() <{fill_value = 2.0 : f32, shape = array<i32: 1, 1>}> : () -> tensor<1x1xf32>
  %q = "ttir.pow"(%x, %t) : (tensor<4x8xf32>, tensor<1x1xf32>) -> tensor<4x8xf32>
  %s = "ttir.sum"(%q) <{dim_arg = [1 : i32], keep_dim = false}> : (tensor<4x8xf32>) -> tensor<4xf32>
  %f = "ttir.full"() <{fill_value = 0.125 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %m = "ttir.multiply"(%s, %f) : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %k = "ttir.reshape"(%m) <{shape = [4 : i32, 1 : i32]}> : (tensor<4xf32>) -> tensor<4x1xf32>
  %c = "ttir.full"() <{fill_value = 1.0e-05 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %v = "ttir.add"(%c, %k) : (tensor<1xf32>, tensor<4x1xf32>) -> tensor<4x1xf32>
  %r = "ttir.sqrt"(%v) : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %a = "ttir.div"(%x, %r) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @rms_norm_of_quotient(
// CHECK-NEXT:    %a = "ttir.rms_norm"(%x) <{epsilon = 1.000000e-05 : f32, normalized_shape = array<i64: 8>, operandSegmentSizes = array<i32: 1, 0, 0>}>
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

func.func @weight_and_bias(%x : tensor<4x8xf32>, %w : tensor<8xf32>, %b : tensor<1x8xf32>) -> tensor<4x8xf32> {
  %q = "ttir.multiply"(%x, %x) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = "ttir.mean"(%q) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %c = "ttir.full"() <{fill_value = 1.0e-05 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %v = "ttir.add"(%m, %c) : (tensor<4x1xf32>, tensor<1xf32>) -> tensor<4x1xf32>
  %r = "ttir.rsqrt"(%v) : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %a = "ttir.multiply"(%x, %r) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %d = "ttir.multiply"(%w, %a) : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %e = "ttir.add"(%d, %b) : (tensor<4x8xf32>, tensor<1x8xf32>) -> tensor<4x8xf32>
  func.return %e : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @weight_and_bias(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.reshape"(%b) <{shape = [8 : i32]}>
// CHECK-NEXT:    %e = "ttir.rms_norm"(%x, %w, %[[V0]]) <{epsilon = 1.000000e-05 : f32, normalized_shape = array<i64: 8>, operandSegmentSizes = array<i32: 1, 1, 1>}>
// CHECK-NEXT:    func.return %e : tensor<4x8xf32>

func.func @weight_in_between(%x : tensor<4x8xf32>, %w : tensor<8xf32>) -> tensor<4x8xf32> {
  %q = "ttir.multiply"(%x, %x) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = "ttir.mean"(%q) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %c = "ttir.full"() <{fill_value = 1.0e-05 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %v = "ttir.add"(%m, %c) : (tensor<4x1xf32>, tensor<1xf32>) -> tensor<4x1xf32>
  %r = "ttir.rsqrt"(%v) : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %d = "ttir.multiply"(%r, %w) : (tensor<4x1xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %a = "ttir.multiply"(%x, %d) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @weight_in_between(
// CHECK-NEXT:    %a = "ttir.rms_norm"(%x, %w) <{epsilon = 1.000000e-05 : f32, normalized_shape = array<i64: 8>, operandSegmentSizes = array<i32: 1, 1, 0>}>
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

// A factor for each row is no weight.
func.func @weight_of_rows(%x : tensor<4x8xf32>, %w : tensor<4x1xf32>) -> tensor<4x8xf32> {
  %q = "ttir.multiply"(%x, %x) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = "ttir.mean"(%q) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %c = "ttir.full"() <{fill_value = 1.0e-05 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %v = "ttir.add"(%m, %c) : (tensor<4x1xf32>, tensor<1xf32>) -> tensor<4x1xf32>
  %r = "ttir.rsqrt"(%v) : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %a = "ttir.multiply"(%x, %r) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %d = "ttir.multiply"(%a, %w) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  func.return %d : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @weight_of_rows(
// CHECK-NEXT:    %a = "ttir.rms_norm"(%x) <{epsilon = 1.000000e-05 : f32, normalized_shape = array<i64: 8>, operandSegmentSizes = array<i32: 1, 0, 0>}>
// CHECK-NEXT:    %d = "ttir.multiply"(%a, %w)
// CHECK-NEXT:    func.return %d : tensor<4x8xf32>

// Norms are over the last dimensions.
func.func @first_dimension(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %q = "ttir.multiply"(%x, %x) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = "ttir.mean"(%q) <{dim_arg = [0 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<1x8xf32>
  %r = "ttir.rsqrt"(%m) : (tensor<1x8xf32>) -> tensor<1x8xf32>
  %a = "ttir.multiply"(%x, %r) : (tensor<4x8xf32>, tensor<1x8xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @first_dimension(
// CHECK-NEXT:    %q = "ttir.multiply"(%x, %x)
// CHECK-NEXT:    %m = "ttir.mean"(%q)
// CHECK-NEXT:    %r = "ttir.rsqrt"(%m)
// CHECK-NEXT:    %a = "ttir.multiply"(%x, %r)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

func.func @mean_of_another_value(%x : tensor<4x8xf32>, %y : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %q = "ttir.multiply"(%y, %y) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = "ttir.mean"(%q) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %c = "ttir.full"() <{fill_value = 1.0e-05 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %v = "ttir.add"(%m, %c) : (tensor<4x1xf32>, tensor<1xf32>) -> tensor<4x1xf32>
  %r = "ttir.rsqrt"(%v) : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %a = "ttir.multiply"(%x, %r) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @mean_of_another_value(
// CHECK-NEXT:    %q = "ttir.multiply"(%y, %y)
// CHECK-NEXT:    %m = "ttir.mean"(%q)
// CHECK-NEXT:    %c = "ttir.full"()
// CHECK-NEXT:    %v = "ttir.add"(%m, %c)
// CHECK-NEXT:    %r = "ttir.rsqrt"(%v)
// CHECK-NEXT:    %a = "ttir.multiply"(%x, %r)
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

// The mean of squares is needed anyway.
func.func @other_users(%x : tensor<4x8xf32>) -> (tensor<4x8xf32>, tensor<4x1xf32>) {
  %q = "ttir.multiply"(%x, %x) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = "ttir.mean"(%q) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %c = "ttir.full"() <{fill_value = 1.0e-05 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %v = "ttir.add"(%m, %c) : (tensor<4x1xf32>, tensor<1xf32>) -> tensor<4x1xf32>
  %r = "ttir.rsqrt"(%v) : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %a = "ttir.multiply"(%x, %r) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  func.return %a, %m : tensor<4x8xf32>, tensor<4x1xf32>
}
// CHECK-LABEL: func.func @other_users(
// CHECK-NEXT:    %q = "ttir.multiply"(%x, %x)
// CHECK-NEXT:    %m = "ttir.mean"(%q)
// CHECK-NEXT:    %c = "ttir.full"()
// CHECK-NEXT:    %v = "ttir.add"(%m, %c)
// CHECK-NEXT:    %r = "ttir.rsqrt"(%v)
// CHECK-NEXT:    %a = "ttir.multiply"(%x, %r)
// CHECK-NEXT:    func.return %a, %m : tensor<4x8xf32>, tensor<4x1xf32>

func.func @layer_norm(%x : tensor<4x8xf32>, %w : tensor<8xf32>, %b : tensor<8xf32>) -> tensor<4x8xf32> {
  %u = "ttir.mean"(%x) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %y = "ttir.subtract"(%x, %u) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %q = "ttir.multiply"(%y, %y) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = "ttir.mean"(%q) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %c = "ttir.full"() <{fill_value = 1.0e-05 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %v = "ttir.add"(%m, %c) : (tensor<4x1xf32>, tensor<1xf32>) -> tensor<4x1xf32>
  %r = "ttir.rsqrt"(%v) : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %a = "ttir.multiply"(%y, %r) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %d = "ttir.multiply"(%a, %w) : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %e = "ttir.add"(%d, %b) : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  func.return %e : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @layer_norm(
// CHECK-NEXT:    %e = "ttir.layer_norm"(%x, %w, %b) <{epsilon = 1.000000e-05 : f32, normalized_shape = array<i64: 8>, operandSegmentSizes = array<i32: 1, 1, 1>}>
// CHECK-NEXT:    func.return %e : tensor<4x8xf32>

// As JAX writes it: the weight goes to the standard deviation, and x is centred twice.
func.func @scale_computed_first(%x : tensor<4x8xf32>, %w : tensor<8xf32>, %b : tensor<8xf32>) -> tensor<4x8xf32> {
  %u = "ttir.mean"(%x) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %y = "ttir.subtract"(%x, %u) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %q = "ttir.multiply"(%y, %y) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = "ttir.mean"(%q) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %c = "ttir.full"() <{fill_value = 1.0e-05 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %v = "ttir.add"(%m, %c) : (tensor<4x1xf32>, tensor<1xf32>) -> tensor<4x1xf32>
  %r = "ttir.rsqrt"(%v) : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %z = "ttir.subtract"(%x, %u) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %g = "ttir.multiply"(%r, %w) : (tensor<4x1xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  %d = "ttir.multiply"(%z, %g) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %e = "ttir.add"(%d, %b) : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  func.return %e : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @scale_computed_first(
// CHECK-NEXT:    %u = "ttir.mean"(%x)
// CHECK-NEXT:    %y = "ttir.subtract"(%x, %u)
// CHECK-NEXT:    %q = "ttir.multiply"(%y, %y)
// CHECK-NEXT:    %m = "ttir.mean"(%q)
// CHECK-NEXT:    %c = "ttir.full"()
// CHECK-NEXT:    %v = "ttir.add"(%m, %c)
// CHECK-NEXT:    %r = "ttir.rsqrt"(%v)
// CHECK-NEXT:    %z = "ttir.subtract"(%x, %u)
// CHECK-NEXT:    %g = "ttir.multiply"(%r, %w)
// CHECK-NEXT:    %d = "ttir.multiply"(%z, %g)
// CHECK-NEXT:    %e = "ttir.add"(%d, %b)
// CHECK-NEXT:    func.return %e : tensor<4x8xf32>

// Centred along another dimension it is the RMS norm of what comes out.
func.func @centred_otherwise(%x : tensor<4x8xf32>) -> tensor<4x8xf32> {
  %u = "ttir.mean"(%x) <{dim_arg = [0 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<1x8xf32>
  %y = "ttir.subtract"(%x, %u) : (tensor<4x8xf32>, tensor<1x8xf32>) -> tensor<4x8xf32>
  %q = "ttir.multiply"(%y, %y) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = "ttir.mean"(%q) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %c = "ttir.full"() <{fill_value = 1.0e-05 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %v = "ttir.add"(%m, %c) : (tensor<4x1xf32>, tensor<1xf32>) -> tensor<4x1xf32>
  %r = "ttir.rsqrt"(%v) : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %a = "ttir.multiply"(%y, %r) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  func.return %a : tensor<4x8xf32>
}
// CHECK-LABEL: func.func @centred_otherwise(
// CHECK-NEXT:    %u = "ttir.mean"(%x)
// CHECK-NEXT:    %y = "ttir.subtract"(%x, %u)
// CHECK-NEXT:    %a = "ttir.rms_norm"(%y) <{epsilon = 1.000000e-05 : f32, normalized_shape = array<i64: 8>, operandSegmentSizes = array<i32: 1, 0, 0>}>
// CHECK-NEXT:    func.return %a : tensor<4x8xf32>

// Norms are computed in single precision anyway.
func.func @between_casts(%x : tensor<4x8xbf16>, %w : tensor<8xbf16>) -> tensor<4x8xbf16> {
  %y = "ttir.typecast"(%x) : (tensor<4x8xbf16>) -> tensor<4x8xf32>
  %q = "ttir.multiply"(%y, %y) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = "ttir.mean"(%q) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %c = "ttir.full"() <{fill_value = 1.0e-05 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %v = "ttir.add"(%m, %c) : (tensor<4x1xf32>, tensor<1xf32>) -> tensor<4x1xf32>
  %r = "ttir.rsqrt"(%v) : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %a = "ttir.multiply"(%y, %r) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %d = "ttir.typecast"(%a) : (tensor<4x8xf32>) -> tensor<4x8xbf16>
  %e = "ttir.multiply"(%d, %w) : (tensor<4x8xbf16>, tensor<8xbf16>) -> tensor<4x8xbf16>
  func.return %e : tensor<4x8xbf16>
}
// CHECK-LABEL: func.func @between_casts(
// CHECK-NEXT:    %e = "ttir.rms_norm"(%x, %w) <{epsilon = 1.000000e-05 : f32, normalized_shape = array<i64: 8>, operandSegmentSizes = array<i32: 1, 1, 0>}>
// CHECK-NEXT:    func.return %e : tensor<4x8xbf16>

// What was in single precision before stays so.
func.func @rounded_afterwards(%x : tensor<4x8xf32>) -> tensor<4x8xbf16> {
  %q = "ttir.multiply"(%x, %x) : (tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  %m = "ttir.mean"(%q) <{dim_arg = [1 : i32], keep_dim = true}> : (tensor<4x8xf32>) -> tensor<4x1xf32>
  %c = "ttir.full"() <{fill_value = 1.0e-05 : f32, shape = array<i32: 1>}> : () -> tensor<1xf32>
  %v = "ttir.add"(%m, %c) : (tensor<4x1xf32>, tensor<1xf32>) -> tensor<4x1xf32>
  %r = "ttir.rsqrt"(%v) : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %a = "ttir.multiply"(%x, %r) : (tensor<4x8xf32>, tensor<4x1xf32>) -> tensor<4x8xf32>
  %d = "ttir.typecast"(%a) : (tensor<4x8xf32>) -> tensor<4x8xbf16>
  func.return %d : tensor<4x8xbf16>
}
// CHECK-LABEL: func.func @rounded_afterwards(
// CHECK-NEXT:    %a = "ttir.rms_norm"(%x) <{epsilon = 1.000000e-05 : f32, normalized_shape = array<i64: 8>, operandSegmentSizes = array<i32: 1, 0, 0>}>
// CHECK-NEXT:    %d = "ttir.typecast"(%a)
// CHECK-NEXT:    func.return %d : tensor<4x8xbf16>

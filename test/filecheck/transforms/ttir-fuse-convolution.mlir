// RUN: tt-opt %s -p ttir-fuse | filecheck %s

// Convolutions and what follows on each channel.

func.func @bias(%x : tensor<1x4x4x3xf32>, %w : tensor<5x3x1x1xf32>, %b : tensor<5xf32>) -> tensor<1x4x4x5xf32> {
  %c = "ttir.conv2d"(%x, %w) <{stride = 1 : i32, padding = 0 : i32, dilation = 1 : i32, groups = 1 : i32}> : (tensor<1x4x4x3xf32>, tensor<5x3x1x1xf32>) -> tensor<1x4x4x5xf32>
  %a = "ttir.add"(%c, %b) : (tensor<1x4x4x5xf32>, tensor<5xf32>) -> tensor<1x4x4x5xf32>
  func.return %a : tensor<1x4x4x5xf32>
}
// CHECK-LABEL: func.func @bias(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.reshape"(%b) <{shape = [1 : i32, 1 : i32, 1 : i32, 5 : i32]}>
// CHECK-NEXT:    %a = "ttir.conv2d"(%x, %w, %[[V0]])
// CHECK-NEXT:    func.return %a : tensor<1x4x4x5xf32>

func.func @second_bias(%x : tensor<1x4x4x3xf32>, %w : tensor<5x3x1x1xf32>, %b : tensor<1x1x1x5xf32>, %d : tensor<1x1x1x5xf32>) -> tensor<1x4x4x5xf32> {
  %c = "ttir.conv2d"(%x, %w, %b) <{stride = 1 : i32, padding = 0 : i32, dilation = 1 : i32, groups = 1 : i32}> : (tensor<1x4x4x3xf32>, tensor<5x3x1x1xf32>, tensor<1x1x1x5xf32>) -> tensor<1x4x4x5xf32>
  %a = "ttir.add"(%d, %c) : (tensor<1x1x1x5xf32>, tensor<1x4x4x5xf32>) -> tensor<1x4x4x5xf32>
  func.return %a : tensor<1x4x4x5xf32>
}
// CHECK-LABEL: func.func @second_bias(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.add"(%b, %d)
// CHECK-NEXT:    %a = "ttir.conv2d"(%x, %w, %[[V0]])
// CHECK-NEXT:    func.return %a : tensor<1x4x4x5xf32>

func.func @bias_of_columns(%x : tensor<1x4x5x3xf32>, %w : tensor<5x3x1x1xf32>, %b : tensor<5x1xf32>) -> tensor<1x4x5x5xf32> {
  %c = "ttir.conv2d"(%x, %w) <{stride = 1 : i32, padding = 0 : i32, dilation = 1 : i32, groups = 1 : i32}> : (tensor<1x4x5x3xf32>, tensor<5x3x1x1xf32>) -> tensor<1x4x5x5xf32>
  %a = "ttir.add"(%c, %b) : (tensor<1x4x5x5xf32>, tensor<5x1xf32>) -> tensor<1x4x5x5xf32>
  func.return %a : tensor<1x4x5x5xf32>
}
// CHECK-LABEL: func.func @bias_of_columns(
// CHECK-NEXT:    %c = "ttir.conv2d"(%x, %w)
// CHECK-NEXT:    %a = "ttir.add"(%c, %b)
// CHECK-NEXT:    func.return %a : tensor<1x4x5x5xf32>

func.func @other_users(%x : tensor<1x4x4x3xf32>, %w : tensor<5x3x1x1xf32>, %b : tensor<5xf32>) -> (tensor<1x4x4x5xf32>, tensor<1x4x4x5xf32>) {
  %c = "ttir.conv2d"(%x, %w) <{stride = 1 : i32, padding = 0 : i32, dilation = 1 : i32, groups = 1 : i32}> : (tensor<1x4x4x3xf32>, tensor<5x3x1x1xf32>) -> tensor<1x4x4x5xf32>
  %a = "ttir.add"(%c, %b) : (tensor<1x4x4x5xf32>, tensor<5xf32>) -> tensor<1x4x4x5xf32>
  func.return %a, %c : tensor<1x4x4x5xf32>, tensor<1x4x4x5xf32>
}
// CHECK-LABEL: func.func @other_users(
// CHECK-NEXT:    %c = "ttir.conv2d"(%x, %w)
// CHECK-NEXT:    %a = "ttir.add"(%c, %b)
// CHECK-NEXT:    func.return %a, %c : tensor<1x4x4x5xf32>, tensor<1x4x4x5xf32>

// Constant weights are multiplied once.
func.func @scale(%x : tensor<1x4x4x3xf32>, %w : tensor<5x3x1x1xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}, %s : tensor<1x1x1x5xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}) -> tensor<1x4x4x5xf32> {
  %c = "ttir.conv2d"(%x, %w) <{stride = 1 : i32, padding = 0 : i32, dilation = 1 : i32, groups = 1 : i32}> : (tensor<1x4x4x3xf32>, tensor<5x3x1x1xf32>) -> tensor<1x4x4x5xf32>
  %a = "ttir.multiply"(%c, %s) : (tensor<1x4x4x5xf32>, tensor<1x1x1x5xf32>) -> tensor<1x4x4x5xf32>
  func.return %a : tensor<1x4x4x5xf32>
}
// CHECK-LABEL: func.func @scale(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.reshape"(%s) <{shape = [5 : i32, 1 : i32, 1 : i32, 1 : i32]}>
// CHECK-NEXT:    %[[V1:.*]] = "ttir.multiply"(%w, %[[V0]])
// CHECK-NEXT:    %a = "ttir.conv2d"(%x, %[[V1]])
// CHECK-NEXT:    func.return %a : tensor<1x4x4x5xf32>

func.func @scale_that_changes(%x : tensor<1x4x4x3xf32>, %w : tensor<5x3x1x1xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}, %s : tensor<1x1x1x5xf32>) -> tensor<1x4x4x5xf32> {
  %c = "ttir.conv2d"(%x, %w) <{stride = 1 : i32, padding = 0 : i32, dilation = 1 : i32, groups = 1 : i32}> : (tensor<1x4x4x3xf32>, tensor<5x3x1x1xf32>) -> tensor<1x4x4x5xf32>
  %a = "ttir.multiply"(%c, %s) : (tensor<1x4x4x5xf32>, tensor<1x1x1x5xf32>) -> tensor<1x4x4x5xf32>
  func.return %a : tensor<1x4x4x5xf32>
}
// CHECK-LABEL: func.func @scale_that_changes(
// CHECK-NEXT:    %c = "ttir.conv2d"(%x, %w)
// CHECK-NEXT:    %a = "ttir.multiply"(%c, %s)
// CHECK-NEXT:    func.return %a : tensor<1x4x4x5xf32>

func.func @batch_norm(%x : tensor<1x4x4x3xf32>, %w : tensor<5x3x1x1xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}, %b : tensor<1x1x1x5xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}, %s : tensor<5xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}, %o : tensor<5xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}, %m : tensor<5xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}, %v : tensor<5xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}) -> tensor<1x4x4x5xf32> {
  %c = "ttir.conv2d"(%x, %w, %b) <{stride = 1 : i32, padding = 0 : i32, dilation = 1 : i32, groups = 1 : i32}> : (tensor<1x4x4x3xf32>, tensor<5x3x1x1xf32>, tensor<1x1x1x5xf32>) -> tensor<1x4x4x5xf32>
  %a = "ttir.batch_norm_inference"(%c, %s, %o, %m, %v) <{dimension = 3 : i32, epsilon = 1.0e-05 : f32}> : (tensor<1x4x4x5xf32>, tensor<5xf32>, tensor<5xf32>, tensor<5xf32>, tensor<5xf32>) -> tensor<1x4x4x5xf32>
  func.return %a : tensor<1x4x4x5xf32>
}
// CHECK-LABEL: func.func @batch_norm(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.reshape"(%s) <{shape = [1 : i32, 1 : i32, 1 : i32, 5 : i32]}>
// CHECK-NEXT:    %[[V1:.*]] = "ttir.reshape"(%o) <{shape = [1 : i32, 1 : i32, 1 : i32, 5 : i32]}>
// CHECK-NEXT:    %[[V2:.*]] = "ttir.reshape"(%m) <{shape = [1 : i32, 1 : i32, 1 : i32, 5 : i32]}>
// CHECK-NEXT:    %[[V3:.*]] = "ttir.reshape"(%v) <{shape = [1 : i32, 1 : i32, 1 : i32, 5 : i32]}>
// CHECK-NEXT:    %[[V4:.*]] = "ttir.full"() <{fill_value = 1.000000e-05 : f32, shape = array<i32: 1, 1, 1, 1>}>
// CHECK-NEXT:    %[[V5:.*]] = "ttir.add"(%[[V3]], %[[V4]])
// CHECK-NEXT:    %[[V6:.*]] = "ttir.rsqrt"(%[[V5]])
// CHECK-NEXT:    %[[V7:.*]] = "ttir.multiply"(%[[V0]], %[[V6]])
// CHECK-NEXT:    %[[V8:.*]] = "ttir.multiply"(%[[V2]], %[[V7]])
// CHECK-NEXT:    %[[V9:.*]] = "ttir.subtract"(%[[V1]], %[[V8]])
// CHECK-NEXT:    %[[V10:.*]] = "ttir.reshape"(%[[V7]]) <{shape = [5 : i32, 1 : i32, 1 : i32, 1 : i32]}>
// CHECK-NEXT:    %[[V11:.*]] = "ttir.multiply"(%w, %[[V10]])
// CHECK-NEXT:    %[[V12:.*]] = "ttir.multiply"(%b, %[[V7]])
// CHECK-NEXT:    %[[V13:.*]] = "ttir.add"(%[[V12]], %[[V9]])
// CHECK-NEXT:    %a = "ttir.conv2d"(%x, %[[V11]], %[[V13]])
// CHECK-NEXT:    func.return %a : tensor<1x4x4x5xf32>

func.func @batch_norm_of_rows(%x : tensor<1x5x4x3xf32>, %w : tensor<5x3x1x1xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}, %s : tensor<5xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}, %o : tensor<5xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}, %m : tensor<5xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}, %v : tensor<5xf32> {ttcore.argument_type = #ttcore.argument_type<constant>}) -> tensor<1x5x4x5xf32> {
  %c = "ttir.conv2d"(%x, %w) <{stride = 1 : i32, padding = 0 : i32, dilation = 1 : i32, groups = 1 : i32}> : (tensor<1x5x4x3xf32>, tensor<5x3x1x1xf32>) -> tensor<1x5x4x5xf32>
  %a = "ttir.batch_norm_inference"(%c, %s, %o, %m, %v) <{dimension = 1 : i32, epsilon = 1.0e-05 : f32}> : (tensor<1x5x4x5xf32>, tensor<5xf32>, tensor<5xf32>, tensor<5xf32>, tensor<5xf32>) -> tensor<1x5x4x5xf32>
  func.return %a : tensor<1x5x4x5xf32>
}
// CHECK-LABEL: func.func @batch_norm_of_rows(
// CHECK-NEXT:    %c = "ttir.conv2d"(%x, %w)
// CHECK-NEXT:    %a = "ttir.batch_norm_inference"(%c, %s, %o, %m, %v)
// CHECK-NEXT:    func.return %a : tensor<1x5x4x5xf32>

// A kernel inside of the other one.
func.func @parallel(%x : tensor<1x4x4x3xf32>, %w : tensor<5x3x3x3xf32>, %u : tensor<5x3x1x1xf32>) -> tensor<1x4x4x5xf32> {
  %c = "ttir.conv2d"(%x, %w) <{stride = 1 : i32, padding = 1 : i32, dilation = 1 : i32, groups = 1 : i32}> : (tensor<1x4x4x3xf32>, tensor<5x3x3x3xf32>) -> tensor<1x4x4x5xf32>
  %d = "ttir.conv2d"(%x, %u) <{stride = 1 : i32, padding = 0 : i32, dilation = 1 : i32, groups = 1 : i32}> : (tensor<1x4x4x3xf32>, tensor<5x3x1x1xf32>) -> tensor<1x4x4x5xf32>
  %a = "ttir.add"(%d, %c) : (tensor<1x4x4x5xf32>, tensor<1x4x4x5xf32>) -> tensor<1x4x4x5xf32>
  func.return %a : tensor<1x4x4x5xf32>
}
// CHECK-LABEL: func.func @parallel(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.pad"(%u) <{padding = array<i32: 0, 0, 0, 0, 1, 1, 1, 1>, value = 0.000000e+00 : f32}>
// CHECK-NEXT:    %[[V1:.*]] = "ttir.add"(%[[V0]], %w)
// CHECK-NEXT:    %a = "ttir.conv2d"(%x, %[[V1]])
// CHECK-NEXT:    func.return %a : tensor<1x4x4x5xf32>

func.func @parallel_of_two_inputs(%x : tensor<1x4x4x3xf32>, %y : tensor<1x4x4x3xf32>, %w : tensor<5x3x3x3xf32>, %u : tensor<5x3x1x1xf32>) -> tensor<1x4x4x5xf32> {
  %c = "ttir.conv2d"(%x, %w) <{stride = 1 : i32, padding = 1 : i32, dilation = 1 : i32, groups = 1 : i32}> : (tensor<1x4x4x3xf32>, tensor<5x3x3x3xf32>) -> tensor<1x4x4x5xf32>
  %d = "ttir.conv2d"(%y, %u) <{stride = 1 : i32, padding = 0 : i32, dilation = 1 : i32, groups = 1 : i32}> : (tensor<1x4x4x3xf32>, tensor<5x3x1x1xf32>) -> tensor<1x4x4x5xf32>
  %a = "ttir.add"(%d, %c) : (tensor<1x4x4x5xf32>, tensor<1x4x4x5xf32>) -> tensor<1x4x4x5xf32>
  func.return %a : tensor<1x4x4x5xf32>
}
// CHECK-LABEL: func.func @parallel_of_two_inputs(
// CHECK-NEXT:    %c = "ttir.conv2d"(%x, %w)
// CHECK-NEXT:    %d = "ttir.conv2d"(%y, %u)
// CHECK-NEXT:    %a = "ttir.add"(%d, %c)
// CHECK-NEXT:    func.return %a : tensor<1x4x4x5xf32>

func.func @parallel_with_strides(%x : tensor<1x5x5x3xf32>, %w : tensor<5x3x3x3xf32>, %u : tensor<5x3x1x1xf32>) -> tensor<1x3x3x5xf32> {
  %c = "ttir.conv2d"(%x, %w) <{stride = 1 : i32, padding = 0 : i32, dilation = 1 : i32, groups = 1 : i32}> : (tensor<1x5x5x3xf32>, tensor<5x3x3x3xf32>) -> tensor<1x3x3x5xf32>
  %d = "ttir.conv2d"(%x, %u) <{stride = 2 : i32, padding = 0 : i32, dilation = 1 : i32, groups = 1 : i32}> : (tensor<1x5x5x3xf32>, tensor<5x3x1x1xf32>) -> tensor<1x3x3x5xf32>
  %a = "ttir.add"(%d, %c) : (tensor<1x3x3x5xf32>, tensor<1x3x3x5xf32>) -> tensor<1x3x3x5xf32>
  func.return %a : tensor<1x3x3x5xf32>
}
// CHECK-LABEL: func.func @parallel_with_strides(
// CHECK-NEXT:    %c = "ttir.conv2d"(%x, %w)
// CHECK-NEXT:    %d = "ttir.conv2d"(%x, %u)
// CHECK-NEXT:    %a = "ttir.add"(%d, %c)
// CHECK-NEXT:    func.return %a : tensor<1x3x3x5xf32>

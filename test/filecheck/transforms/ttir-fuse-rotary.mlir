// RUN: tt-opt %s -p ttir-fuse | filecheck %s

// x * cos + rotated * sin.

// Caches of lower rank are reshaped.
func.func @rotated_halves(%x : tensor<1x2x4x8xf32>, %c : tensor<1x4x8xf32>, %s : tensor<1x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %h = "ttir.slice_static"(%x) <{begins = [0 : i32, 0 : i32, 0 : i32, 4 : i32], ends = [1 : i32, 2 : i32, 4 : i32, 8 : i32], step = [1 : i32, 1 : i32, 1 : i32, 1 : i32]}> : (tensor<1x2x4x8xf32>) -> tensor<1x2x4x4xf32>
  %l = "ttir.slice_static"(%x) <{begins = [0 : i32, 0 : i32, 0 : i32, 0 : i32], ends = [1 : i32, 2 : i32, 4 : i32, 4 : i32], step = [1 : i32, 1 : i32, 1 : i32, 1 : i32]}> : (tensor<1x2x4x8xf32>) -> tensor<1x2x4x4xf32>
  %n = "ttir.neg"(%h) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %t = "ttir.concat"(%n, %l) <{dim = -1 : si32}> : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x8xf32>
  %a = "ttir.multiply"(%x, %c) : (tensor<1x2x4x8xf32>, tensor<1x4x8xf32>) -> tensor<1x2x4x8xf32>
  %b = "ttir.multiply"(%s, %t) : (tensor<1x4x8xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  %o = "ttir.add"(%b, %a) : (tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %o : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @rotated_halves(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.reshape"(%c) <{shape = [1 : i32, 1 : i32, 4 : i32, 8 : i32]}>
// CHECK-NEXT:    %[[V1:.*]] = "ttir.reshape"(%s) <{shape = [1 : i32, 1 : i32, 4 : i32, 8 : i32]}>
// CHECK-NEXT:    %o = "ttir.rotary_embedding"(%x, %[[V0]], %[[V1]])
// CHECK-NEXT:    func.return %o : tensor<1x2x4x8xf32>

// The first half comes first.
func.func @wrong_half(%x : tensor<1x2x4x8xf32>, %c : tensor<1x4x8xf32>, %s : tensor<1x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %h = "ttir.slice_static"(%x) <{begins = [0 : i32, 0 : i32, 0 : i32, 4 : i32], ends = [1 : i32, 2 : i32, 4 : i32, 8 : i32], step = [1 : i32, 1 : i32, 1 : i32, 1 : i32]}> : (tensor<1x2x4x8xf32>) -> tensor<1x2x4x4xf32>
  %l = "ttir.slice_static"(%x) <{begins = [0 : i32, 0 : i32, 0 : i32, 0 : i32], ends = [1 : i32, 2 : i32, 4 : i32, 4 : i32], step = [1 : i32, 1 : i32, 1 : i32, 1 : i32]}> : (tensor<1x2x4x8xf32>) -> tensor<1x2x4x4xf32>
  %n = "ttir.neg"(%h) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %t = "ttir.concat"(%l, %n) <{dim = -1 : si32}> : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x8xf32>
  %a = "ttir.multiply"(%x, %c) : (tensor<1x2x4x8xf32>, tensor<1x4x8xf32>) -> tensor<1x2x4x8xf32>
  %b = "ttir.multiply"(%s, %t) : (tensor<1x4x8xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  %o = "ttir.add"(%b, %a) : (tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %o : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @wrong_half(
// CHECK-NEXT:    %h = "ttir.slice_static"(%x)
// CHECK-NEXT:    %l = "ttir.slice_static"(%x)
// CHECK-NEXT:    %n = "ttir.neg"(%h)
// CHECK-NEXT:    %t = "ttir.concat"(%l, %n)
// CHECK-NEXT:    %a = "ttir.multiply"(%x, %c)
// CHECK-NEXT:    %b = "ttir.multiply"(%s, %t)
// CHECK-NEXT:    %o = "ttir.add"(%b, %a)
// CHECK-NEXT:    func.return %o : tensor<1x2x4x8xf32>

func.func @another_value(%x : tensor<1x2x4x8xf32>, %y : tensor<1x2x4x8xf32>, %c : tensor<1x4x8xf32>, %s : tensor<1x4x8xf32>) -> tensor<1x2x4x8xf32> {
  %h = "ttir.slice_static"(%x) <{begins = [0 : i32, 0 : i32, 0 : i32, 4 : i32], ends = [1 : i32, 2 : i32, 4 : i32, 8 : i32], step = [1 : i32, 1 : i32, 1 : i32, 1 : i32]}> : (tensor<1x2x4x8xf32>) -> tensor<1x2x4x4xf32>
  %l = "ttir.slice_static"(%x) <{begins = [0 : i32, 0 : i32, 0 : i32, 0 : i32], ends = [1 : i32, 2 : i32, 4 : i32, 4 : i32], step = [1 : i32, 1 : i32, 1 : i32, 1 : i32]}> : (tensor<1x2x4x8xf32>) -> tensor<1x2x4x4xf32>
  %n = "ttir.neg"(%h) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %t = "ttir.concat"(%n, %l) <{dim = -1 : si32}> : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x8xf32>
  %a = "ttir.multiply"(%y, %c) : (tensor<1x2x4x8xf32>, tensor<1x4x8xf32>) -> tensor<1x2x4x8xf32>
  %b = "ttir.multiply"(%s, %t) : (tensor<1x4x8xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  %o = "ttir.add"(%b, %a) : (tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %o : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @another_value(
// CHECK-NEXT:    %h = "ttir.slice_static"(%x)
// CHECK-NEXT:    %l = "ttir.slice_static"(%x)
// CHECK-NEXT:    %n = "ttir.neg"(%h)
// CHECK-NEXT:    %t = "ttir.concat"(%n, %l)
// CHECK-NEXT:    %a = "ttir.multiply"(%y, %c)
// CHECK-NEXT:    %b = "ttir.multiply"(%s, %t)
// CHECK-NEXT:    %o = "ttir.add"(%b, %a)
// CHECK-NEXT:    func.return %o : tensor<1x2x4x8xf32>

func.func @rotated_with_other_users(%x : tensor<1x2x4x8xf32>, %c : tensor<1x4x8xf32>, %s : tensor<1x4x8xf32>) -> (tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) {
  %h = "ttir.slice_static"(%x) <{begins = [0 : i32, 0 : i32, 0 : i32, 4 : i32], ends = [1 : i32, 2 : i32, 4 : i32, 8 : i32], step = [1 : i32, 1 : i32, 1 : i32, 1 : i32]}> : (tensor<1x2x4x8xf32>) -> tensor<1x2x4x4xf32>
  %l = "ttir.slice_static"(%x) <{begins = [0 : i32, 0 : i32, 0 : i32, 0 : i32], ends = [1 : i32, 2 : i32, 4 : i32, 4 : i32], step = [1 : i32, 1 : i32, 1 : i32, 1 : i32]}> : (tensor<1x2x4x8xf32>) -> tensor<1x2x4x4xf32>
  %n = "ttir.neg"(%h) : (tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %t = "ttir.concat"(%n, %l) <{dim = -1 : si32}> : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x8xf32>
  %a = "ttir.multiply"(%x, %c) : (tensor<1x2x4x8xf32>, tensor<1x4x8xf32>) -> tensor<1x2x4x8xf32>
  %b = "ttir.multiply"(%s, %t) : (tensor<1x4x8xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  %o = "ttir.add"(%b, %a) : (tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>) -> tensor<1x2x4x8xf32>
  func.return %o, %t : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @rotated_with_other_users(
// CHECK-NEXT:    %h = "ttir.slice_static"(%x)
// CHECK-NEXT:    %l = "ttir.slice_static"(%x)
// CHECK-NEXT:    %n = "ttir.neg"(%h)
// CHECK-NEXT:    %t = "ttir.concat"(%n, %l)
// CHECK-NEXT:    %a = "ttir.multiply"(%x, %c)
// CHECK-NEXT:    %b = "ttir.multiply"(%s, %t)
// CHECK-NEXT:    %o = "ttir.add"(%b, %a)
// CHECK-NEXT:    func.return %o, %t : tensor<1x2x4x8xf32>, tensor<1x2x4x8xf32>

func.func @written_by_halves(%x : tensor<1x2x4x8xf32>, %c : tensor<1x1x4x4xf32>, %s : tensor<1x1x4x4xf32>) -> tensor<1x2x4x8xf32> {
  %f = "ttir.slice_static"(%x) <{begins = [0 : i32, 0 : i32, 0 : i32, 0 : i32], ends = [1 : i32, 2 : i32, 4 : i32, 4 : i32], step = [1 : i32, 1 : i32, 1 : i32, 1 : i32]}> : (tensor<1x2x4x8xf32>) -> tensor<1x2x4x4xf32>
  %g = "ttir.slice_static"(%x) <{begins = [0 : i32, 0 : i32, 0 : i32, 4 : i32], ends = [1 : i32, 2 : i32, 4 : i32, 8 : i32], step = [1 : i32, 1 : i32, 1 : i32, 1 : i32]}> : (tensor<1x2x4x8xf32>) -> tensor<1x2x4x4xf32>
  %p = "ttir.multiply"(%f, %c) : (tensor<1x2x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32>
  %q = "ttir.multiply"(%g, %s) : (tensor<1x2x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32>
  %d = "ttir.subtract"(%p, %q) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %u = "ttir.multiply"(%g, %c) : (tensor<1x2x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32>
  %v = "ttir.multiply"(%f, %s) : (tensor<1x2x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32>
  %e = "ttir.add"(%u, %v) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %o = "ttir.concat"(%d, %e) <{dim = 3 : si32}> : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x8xf32>
  func.return %o : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @written_by_halves(
// CHECK-NEXT:    %[[V0:.*]] = "ttir.concat"(%c, %c) <{dim = 3 : si32}>
// CHECK-NEXT:    %[[V1:.*]] = "ttir.concat"(%s, %s) <{dim = 3 : si32}>
// CHECK-NEXT:    %o = "ttir.rotary_embedding"(%x, %[[V0]], %[[V1]])
// CHECK-NEXT:    func.return %o : tensor<1x2x4x8xf32>

func.func @halves_with_wrong_sign(%x : tensor<1x2x4x8xf32>, %c : tensor<1x1x4x4xf32>, %s : tensor<1x1x4x4xf32>) -> tensor<1x2x4x8xf32> {
  %f = "ttir.slice_static"(%x) <{begins = [0 : i32, 0 : i32, 0 : i32, 0 : i32], ends = [1 : i32, 2 : i32, 4 : i32, 4 : i32], step = [1 : i32, 1 : i32, 1 : i32, 1 : i32]}> : (tensor<1x2x4x8xf32>) -> tensor<1x2x4x4xf32>
  %g = "ttir.slice_static"(%x) <{begins = [0 : i32, 0 : i32, 0 : i32, 4 : i32], ends = [1 : i32, 2 : i32, 4 : i32, 8 : i32], step = [1 : i32, 1 : i32, 1 : i32, 1 : i32]}> : (tensor<1x2x4x8xf32>) -> tensor<1x2x4x4xf32>
  %p = "ttir.multiply"(%f, %c) : (tensor<1x2x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32>
  %q = "ttir.multiply"(%g, %s) : (tensor<1x2x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32>
  %d = "ttir.subtract"(%p, %q) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %u = "ttir.multiply"(%g, %c) : (tensor<1x2x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32>
  %v = "ttir.multiply"(%f, %s) : (tensor<1x2x4x4xf32>, tensor<1x1x4x4xf32>) -> tensor<1x2x4x4xf32>
  %e = "ttir.subtract"(%u, %v) : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x4xf32>
  %o = "ttir.concat"(%d, %e) <{dim = 3 : si32}> : (tensor<1x2x4x4xf32>, tensor<1x2x4x4xf32>) -> tensor<1x2x4x8xf32>
  func.return %o : tensor<1x2x4x8xf32>
}
// CHECK-LABEL: func.func @halves_with_wrong_sign(
// CHECK-NEXT:    %f = "ttir.slice_static"(%x)
// CHECK-NEXT:    %g = "ttir.slice_static"(%x)
// CHECK-NEXT:    %p = "ttir.multiply"(%f, %c)
// CHECK-NEXT:    %q = "ttir.multiply"(%g, %s)
// CHECK-NEXT:    %d = "ttir.subtract"(%p, %q)
// CHECK-NEXT:    %u = "ttir.multiply"(%g, %c)
// CHECK-NEXT:    %v = "ttir.multiply"(%f, %s)
// CHECK-NEXT:    %e = "ttir.subtract"(%u, %v)
// CHECK-NEXT:    %o = "ttir.concat"(%d, %e)
// CHECK-NEXT:    func.return %o : tensor<1x2x4x8xf32>
